// Finds a Node that runs the sources (24 or newer; a checkout brings its own) and runs a script under it in place of this process.
// Used by bin/switchyard and tools/with-node.cjs; plain JavaScript for the oldest Node a machine may have (18).
'use strict';
const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { constants } = require('node:os');
const { join } = require('node:path');

const OLDEST_MAJOR = 24;
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'];

function isRight() {
  return Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR;
}

/** The locked Node of this checkout, else the running one if it is new enough, else undefined. */
function findNode() {
  const modules = join(__dirname, '..', 'node_modules');
  for (const name of [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`]) {
    const file = join(modules, name, 'bin', 'node');
    if (existsSync(file)) return file;
  }
  return isRight() ? process.execPath : undefined;
}

/**
 * Never returns to its caller. `process.execve` (Node 22.15 and newer) keeps the process id, so signals need no help.
 * Before that the script becomes a child: signals are passed on, its end is ours, and it is told through a closed
 * channel when this process is killed in a way that cannot be passed on (see `followLauncher`).
 */
function runUnder(node, parameters) {
  const environment = { ...process.env };
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.execve(node, [node, ...parameters], environment);
  }
  environment.SWITCHYARD_LAUNCHER = String(process.pid);
  const child = spawn(node, parameters, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: environment });
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${node} could not be started: ${error.message}`);
    process.exit(126);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of FORWARDED) process.removeAllListeners(name);
    process.kill(process.pid, signal);
    // The same signal ends this process the same way; should it be ignored, the shell's convention is kept.
    setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
  });
}

/** In the child: end when the launcher is gone, and hide the channel from whatever runs here. */
function followLauncher() {
  if (process.env.SWITCHYARD_LAUNCHER === undefined) return;
  const isChild = process.env.SWITCHYARD_LAUNCHER === String(process.ppid);
  delete process.env.SWITCHYARD_LAUNCHER;
  if (!isChild || process.channel === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

module.exports = { findNode, followLauncher, isRight, runUnder };
