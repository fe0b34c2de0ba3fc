/** Where the thread of the dead-man's switch begins. A bundle has it inside, and puts its own address here (../bundle/plugins.ts). */
export const SWITCH_THREAD = new URL('./dead-mans-switch-thread.ts', import.meta.url);
