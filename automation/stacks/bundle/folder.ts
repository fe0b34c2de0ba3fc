/** The folder for bundles below `node_modules/.cache`; each bundle has its own folder in it. */
export const BUNDLES = 'mlops-child';
