import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

test('the library is at most 12 kB, minified and compressed', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../parley.js', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const bytes = gzipSync(outputFiles[0].contents, { level: 9 }).length;
  console.log(`${bytes} bytes`);
  assert.ok(bytes <= 12_000, `${bytes} bytes`);
});

test('what is packed is the modules, the types, the licence and the README', () => {
  const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: fileURLToPath(new URL('../..', import.meta.url)), encoding: 'utf8' }));
  const names = files.map((file) => file.path).filter((path) => !path.startsWith('lib/'));
  assert.deepEqual(names.sort(), ['LICENSE', 'README.md', 'package.json', 'parley.d.ts', 'parley.js']);
});
