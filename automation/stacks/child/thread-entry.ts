/** Entry of the dead-man's switch thread. A bundle contains it, and puts its own address here (../bundle/plugins.ts). */
export const SWITCH_THREAD = new URL('./dead-mans-switch-thread.ts', import.meta.url);
