import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const modules = readdirSync(`${root}lib`).map((name) => readFileSync(`${root}lib/${name}`, 'utf8'));

test('the package has types first in its exports, and no dependencies', () => {
  assert.deepEqual(Object.keys(manifest.exports['.']), ['types', 'default']);
  assert.equal(manifest.dependencies, undefined);
});

test('the modules are read as they are: relative imports with their extension', () => {
  for (const source of modules) {
    for (const [, from] of source.matchAll(/^(?:import|export)\b.* from '([^']+)'/gm)) assert.match(from, /^\.\/[a-z]+\.js$/);
  }
});

test('a Content-Security-Policy needs no exception: nothing is evaluated', () => {
  for (const source of modules) assert.doesNotMatch(source, /\beval\(|new Function\(|innerHTML/);
});

test('the lock file names no place to download from', () => {
  assert.doesNotMatch(readFileSync(`${root}package-lock.json`, 'utf8'), /"resolved"|https?:\/\/[^"]*(registry|npm)[^"]*\.tgz/);
});

test('every code of the library is in the README', () => {
  const readme = readFileSync(`${root}README.md`, 'utf8');
  const codes = modules.flatMap((source) => [...source.matchAll(/(?:new ParleyError\(|\berror\(|super\()'([a-z_]+)'/g)]);
  assert.ok(codes.length > 15);
  for (const [, code] of codes) assert.ok(readme.includes(`\`${code}\``), `${code} is documented`);
});
