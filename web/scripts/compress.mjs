// Writes NAME.br and NAME.gz beside each text file of the built page: the server never compresses while serving.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../../artifacts/web', import.meta.url));
const textEndings = ['.html', '.js', '.css', '.svg', '.json', '.txt'];

let total = 0;
for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !textEndings.some((ending) => entry.name.endsWith(ending))) {
    continue;
  }

  const text = readFileSync(path);
  const brotli = brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length },
  });
  const gzip = gzipSync(text, { level: 9 });
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzip);
  total += gzip.length;
  console.log(`${path.slice(root.length + 1)}  ${statSync(path).size} B, gz ${gzip.length}, br ${brotli.length}`);
}

console.log(`text, gz: ${total} B`);
