// Runs the formatter and linter of this platform with the words given. Its packages are named one by one, as node's are: the
// family's own front package lists platforms that not every registry has, and a lock file cannot hold what it cannot find.
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const program = join(__dirname, '..', 'node_modules', '@biomejs', `cli-${process.platform}-${process.arch}`, 'biome');
if (!existsSync(program)) {
  console.error(
    `no linter is packaged for ${process.platform} ${process.arch}; the gate runs it on Linux and on macOS arm64`,
  );
  process.exit(1);
}
process.exit(spawnSync(program, process.argv.slice(2), { stdio: 'inherit' }).status ?? 1);
