import eslint from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules/', '.sandbox/', 'coverage/', 'client/schema.d.ts', 'artifacts/'] },
  eslint.configs.recommended,
  tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^es-toolkit(/\\w+)?$',
              message: 'It imports some hundred modules: name one, such as es-toolkit/array/chunk.',
            },
          ],
        },
      ],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Environment variables are read in automation/config (and sandbox/config.ts) only.',
        },
      ],
    },
  },
  {
    // Lambda handlers get their settings from the environment of the function; tests and scripts set it up.
    files: [
      '**/handler.ts',
      '**/*.spec.ts',
      'automation/config/config.ts',
      'automation/config/process-environment.ts',
      'sandbox/config.ts',
      'tests/**',
      'cli/**',
      'scripts/**',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['console/src/**'], ...reactHooks.configs.flat['recommended-latest'] },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', module: 'writable', require: 'readonly' } },
  },
  {
    // Configuration of mocha, which reads it as CommonJS.
    files: ['**/*.cjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off', 'no-restricted-properties': 'off' },
  },
  {
    files: ['tests/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
