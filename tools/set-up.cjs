// Makes a checkout ready: installs the locked packages when what is installed is not what the lock file says.
// First step of `npm start`, `npm test` and `npm run ok`, so it is plain JavaScript for the oldest Node a machine may have (18).
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

/** Package entries of a lock file by folder, or undefined when the file is missing or unreadable. */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** `os` and `cpu` of a package: a name, a list of names, or a list of refused names (`!win32`). */
function fits(names, value) {
  const list = [names ?? []].flat();
  if (list.length === 0 || list.includes(value)) return true;
  return list.every((name) => name.startsWith('!')) && !list.includes(`!${value}`);
}

/** An optional package made for another system is rightly absent. The C library cannot be asked cheaply, so `libc` counts as absent too. */
function isForThisMachine(entry) {
  return fits(entry.os, process.platform) && fits(entry.cpu, process.arch) && entry.libc === undefined;
}

/**
 * Compares contents, not times: npm leaves the list of what it installed in `node_modules/.package-lock.json`,
 * so an install made by `npm ci` elsewhere (a CI cache, an image) counts, and a changed branch does not.
 */
function isInstalled(wanted, installed) {
  if (wanted === undefined || installed === undefined) return false;
  for (const [folder, entry] of Object.entries(wanted)) {
    if (folder === '' || entry.link) continue;
    const found = installed[folder];
    if (found === undefined) {
      if (!entry.optional || isForThisMachine(entry)) return false;
    } else if (found.version !== entry.version || !existsSync(join(root, folder))) {
      return false;
    } else if (entry.integrity !== undefined && found.integrity !== entry.integrity) {
      return false;
    }
  }
  return true;
}

function install() {
  console.error('Installing the locked dependencies into node_modules (nothing outside this folder changes) …');
  const options = [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const npm = process.env.npm_execpath;
  const [program, prefix] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  // npm's own lines go to stderr: stdout belongs to the program that starts next.
  const result = spawnSync(program, [...prefix, ...options], { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.error !== undefined) console.error(`npm could not be started: ${result.error.message}`);
  return result.status ?? 1;
}

const wanted = readPackages(join(root, 'package-lock.json'));
if (!isInstalled(wanted, readPackages(join(root, 'node_modules', '.package-lock.json')))) {
  const status = install();
  if (status !== 0) {
    console.error('The dependencies could not be installed. Run `npm ci --ignore-scripts` to see why.');
    process.exit(status);
  }
}
