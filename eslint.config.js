import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Parts of the helper that are pure and may be imported by every other folder. */
const helperContract = ['./protocol', './requestSchemas.ts', './abi', './log', './rules', './symbols'];

/** Who may import whom; folders are processes. */
const zones = [
  { target: './native-helper', from: ['./extension', './webview', './test'] },
  { target: './extension', from: './test' },
  {
    target: './extension',
    from: './webview',
    except: ['./protocol.ts', './stripProtocol.ts', './viewCommands.ts', './copyProtocol.ts'],
  },
  { target: './extension', from: './native-helper', except: helperContract },
  { target: './webview', from: ['./extension', './test'] },
  { target: './webview', from: './native-helper', except: helperContract },
];

const noVscode = { name: 'vscode', message: 'Only extension/ and test/integration/ run inside VS Code.' };
const noKoffi = { name: 'koffi', message: 'native-helper/syscalls/libc.ts is the one koffi import.' };
const noArrow = ['apache-arrow', 'flatbuffers'].map((name) => ({
  name,
  message: 'Only extension/trace/format/ imports Arrow, and only when a trace is read or written.',
}));
const noNode = { group: ['node:*'], message: 'This folder is pure: no Node.' };

const restrict = (...paths) => ({ 'no-restricted-imports': ['error', { paths }] });

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.vscode-test'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: {
        project: ['native-helper', 'extension', 'webview', 'test'].map(
          (folder) => `./${folder}/tsconfig.json`,
        ),
        tsconfigRootDir: import.meta.dirname,
      },
    },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      'no-restricted-imports': ['error', { paths: [noKoffi] }],
      eqeqeq: 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Column reads inside checked bounds: noUncheckedIndexedAccess makes `!` the honest form.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Methods as listeners are arrow-bound where they need `this`.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  { files: ['extension/**/*.ts'], rules: restrict(noKoffi, ...noArrow) },
  { files: ['extension/trace/format/**/*.ts'], rules: restrict(noKoffi, noVscode) },
  { files: ['native-helper/**/*.ts'], rules: restrict(noKoffi, noVscode, ...noArrow) },
  { files: ['native-helper/syscalls/libc.ts'], rules: restrict(noVscode, ...noArrow) },
  { files: ['webview/**/*.ts'], rules: restrict(noKoffi, noVscode, ...noArrow) },
  {
    files: [
      'native-helper/abi/**/*.ts',
      'native-helper/log/**/*.ts',
      'native-helper/rules/**/*.ts',
      'native-helper/symbols/**/*.ts',
      'native-helper/requestSchemas.ts',
      'webview/model/**/*.ts',
    ],
    rules: {
      'no-restricted-imports': ['error', { paths: [noKoffi, noVscode], patterns: [noNode] }],
      'no-restricted-globals': ['error', 'process', 'Buffer', 'window', 'document', 'requestAnimationFrame'],
    },
  },
  {
    // The form of mocha: arrow callbacks that return promises, chained assertions.
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'error' },
  },
);
