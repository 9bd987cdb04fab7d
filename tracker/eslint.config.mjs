// In: the JavaScript of this folder, the spreadsheet's script with its tests, and the tests' trackers. Out: complaints.
// The edge function has a rule set of its own, since CloudFront refuses a mistake in it only when it is published, or
// answers every request with 503.
import js from '@eslint/js';
import esx from 'eslint-plugin-es-x';

// What runtime 2.0 documents beyond ES 5.1 and the function may therefore use; everything else stays forbidden.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
const DOCUMENTED = [
  'arrow-functions', 'async-functions', 'block-scoped-variables', 'exponential-operators', 'modules', 'promise',
  'rest-parameters', 'template-literals', 'array-prototype-find', 'array-prototype-findindex',
  'array-prototype-includes', 'object-assign', 'object-entries', 'object-values', 'string-prototype-endswith',
  'string-prototype-includes', 'string-prototype-padstart-padend', 'string-prototype-repeat',
  'string-prototype-startswith',
];

// Methods of ES 5.1 arrays that the linter, which knows no types, takes for those of later iterators.
const OF_ARRAYS = ['every', 'filter', 'foreach', 'map', 'reduce', 'some'].map((name) => `iterator-prototype-${name}`);

// What the programs and tests use of node, and the tests of a browser.
const GLOBALS = [
  'Buffer', 'Event', 'EventTarget', 'URL', 'crypto', 'document', 'navigator', 'performance', 'process', 'screen',
  'setTimeout',
];

// What the pages that are served as they lie here use of a browser.
const OF_BROWSERS = [
  'EventSource', 'URL', 'addEventListener', 'document', 'fetch', 'history', 'location', 'matchMedia', 'navigator',
  'setTimeout',
];

// What Google gives the spreadsheet's script, and what Google and the owner call in it.
const OF_GOOGLE = ['ContentService', 'LockService', 'PropertiesService', 'SpreadsheetApp', 'Utilities', 'console'];
const ENTRIES = '^(setup|doGet|doPost)$';

const MARKUP_FROM_TEXT = {
  selector: 'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|write|writeln)$/]',
  message: 'A title or an address is a stranger\'s: set textContent, or append elements.',
};

const REFUSED_SYNTAX = [
  {
    selector: ':matches(ExportNamedDeclaration, ExportDefaultDeclaration, ExportAllDeclaration)',
    message: 'CloudFront answers 503 to everything when the function exports something.',
  },
  {
    selector: 'ImportDeclaration[source.value!=/^(cloudfront|crypto)$/]',
    message: "The runtime knows the modules 'cloudfront' and 'crypto' only.",
  },
  {
    selector: ':matches(FunctionExpression, ArrowFunctionExpression)[async=true]',
    message: 'The runtime has no async closures: declare an async function.',
  },
  {
    selector: ':matches(CallExpression, NewExpression) > .arguments:matches(AwaitExpression, :has(AwaitExpression))',
    message: 'The runtime has no await in arguments: give the value a name first.',
  },
];

const MAX_BYTES = 10_240;

const deployable = {
  create: (context) => ({
    Program(node) {
      if (Buffer.byteLength(context.sourceCode.text) >= MAX_BYTES) {
        context.report({ node, message: `CloudFront takes functions of less than ${MAX_BYTES} bytes.` });
      }
      const isHandler = (part) => part.type === 'FunctionDeclaration' && part.async && part.id.name === 'handler';
      if (!node.body.some(isHandler)) {
        context.report({ node, message: 'CloudFront calls a global `async function handler(event)`: declare it.' });
      }
    },
  }),
};

export default [
  { ignores: ['dist/'] }, // and TypeScript is the compiler's
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: Object.fromEntries(GLOBALS.map((name) => [name, 'readonly'])) },
  },
  {
    files: ['**/*.gs'],
    languageOptions: { sourceType: 'script', globals: Object.fromEntries(OF_GOOGLE.map((name) => [name, 'readonly'])) },
    rules: { 'no-unused-vars': ['error', { caughtErrors: 'none', varsIgnorePattern: ENTRIES }] },
  },
  {
    files: ['live/*.js', 'site/*.js'],
    languageOptions: { globals: Object.fromEntries(OF_BROWSERS.map((name) => [name, 'readonly'])) },
    rules: { 'no-restricted-syntax': ['error', MARKUP_FROM_TEXT] },
  },
  {
    ...esx.configs['flat/restrict-to-es5'],
    files: ['edge/function.js'],
  },
  {
    files: ['edge/function.js'],
    languageOptions: { ecmaVersion: 2017, sourceType: 'module' },
    plugins: { edge: { rules: { deployable } } },
    settings: { 'es-x': { aggressive: true } },
    rules: {
      ...Object.fromEntries([...DOCUMENTED, ...OF_ARRAYS].map((feature) => [`es-x/no-${feature}`, 'off'])),
      'edge/deployable': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-restricted-syntax': ['error', ...REFUSED_SYNTAX],
      'no-unused-vars': ['error', { caughtErrors: 'none', varsIgnorePattern: '^handler$' }],
    },
  },
];
