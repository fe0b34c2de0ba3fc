/** Where bundles of the child lie, below `node_modules/.cache`: each in a folder of its own. */
export const BUNDLES = 'mlops-child';
