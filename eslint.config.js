import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

const readsOfTheEnvironment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'process.env is read in src/config.ts alone.',
};
const exits = {
  selector: "CallExpression[callee.object.name='process'][callee.property.name='exit']",
  message: 'Set process.exitCode and return; process.exit cuts off what is in hand.',
};
const readsOfTheClock = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'The clock comes in as an argument.',
  },
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'The clock comes in as an argument.',
  },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'Randomness comes in as an argument.',
  },
];
const wholeOfZod = {
  selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier",
  message: 'Write `import * as z`: of `{ z }` a bundle holds all, in forty languages.',
};
const enums = { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' };
const defaults = { selector: 'ExportDefaultDeclaration', message: 'Export by name.' };

// A caller learns what an export is for without reading its body.
const docstrings = {
  publicOnly: true,
  enableFixer: false,
  require: { FunctionDeclaration: true, ClassDeclaration: true },
  contexts: [
    'TSInterfaceDeclaration',
    'TSTypeAliasDeclaration',
    'ExportNamedDeclaration > VariableDeclaration',
  ],
};

export default tseslint.config(
  { ignores: ['node_modules/', 'data/', 'dist/', 'migrations/', '.cache/'] },
  {
    files: ['**/*.ts', 'bin/*.js', 'src/audit/page/*.js'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-restricted-syntax': ['error', exits, enums, defaults],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    files: ['src/**/*.ts', 'jobs/**/*.ts'],
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': ['error', docstrings],
      'no-restricted-syntax': [
        'error',
        exits,
        enums,
        defaults,
        wholeOfZod,
        readsOfTheEnvironment,
        ...readsOfTheClock,
      ],
    },
  },
  {
    files: ['src/config.ts'],
    rules: { 'no-restricted-syntax': ['error', exits, enums, defaults, wholeOfZod, ...readsOfTheClock] },
  },
  {
    files: ['src/context/clock.ts'],
    rules: { 'no-restricted-syntax': ['error', exits, enums, defaults, wholeOfZod, readsOfTheEnvironment] },
  },
  {
    // Plain scripts of one page, which share their names.
    files: ['src/audit/page/*.js'],
    languageOptions: { sourceType: 'script' },
    rules: { '@typescript-eslint/no-unused-vars': ['error', { vars: 'local' }] },
  },
  {
    // A suite's describe is a long function by nature, and configuration files export by default.
    files: ['test/**/*.ts', 'bench/**/*.ts', '*.config.ts'],
    rules: { 'max-lines-per-function': 'off', 'no-restricted-syntax': ['error', exits, enums] },
  },
);
