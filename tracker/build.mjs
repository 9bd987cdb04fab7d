// In: src/main.ts. Out: dist/main.js, the script that sites embed, and dist/LICENSES.txt, the notices of what is
// bundled in it, which its licences want to travel with it. The same input gives the same bytes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

process.chdir(import.meta.dirname);

const { metafile } = await build({
  entryPoints: ['src/main.ts'],
  outfile: 'dist/main.js',
  bundle: true,
  format: 'iife',
  legalComments: 'eof',
  metafile: true,
  minify: true,
  target: 'es2017',
});

const packages = Object.keys(metafile.inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
const notices = [...new Set(packages.filter(Boolean))].sort().map((name) => `${name}\n\n${licence(name)}`);
writeFileSync('dist/LICENSES.txt', notices.join(`\n${'-'.repeat(80)}\n`));

function licence(name) {
  const file = readdirSync(`node_modules/${name}`).find((entry) => /^licen[cs]e/i.test(entry));
  return readFileSync(`node_modules/${name}/${file}`, 'utf8');
}
