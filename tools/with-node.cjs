// Runs a script of this checkout under its own Node: `node tools/with-node.cjs tools/ok.ts`. npm puts node_modules/.bin
// first in PATH, but the `node` that reads this line was chosen before anything was installed. Plain JavaScript (Node 18).
'use strict';
const { findNode, runUnder } = require('../bin/right-node.cjs');

const node = findNode();
if (node === undefined) {
  console.error(
    `Switchyard needs Node 24 or newer (this is ${process.versions.node}), and none is locked for ${process.platform} ${process.arch}.`,
  );
  console.error('Install one from https://nodejs.org and run the command again.');
  process.exit(1);
}
runUnder(node, process.argv.slice(2));
