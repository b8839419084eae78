// Host names of routes and listeners as the model holds them: lower case, no port, `*.` only in front.
import type { Path } from '../dialect.ts';
import type { Reading } from './reading.ts';

const HOST = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;

/** One host in model form; none for `*`, which means any, and none after an error. */
export function parseHost(written: string, reading: Reading, path: Path): readonly string[] {
  const host = written.toLowerCase();
  if (host === '*') return [];
  if (HOST.test(host) || IPV6.test(host)) return [host];
  const mend = /:\d+$/.test(host)
    ? 'leave the port out: hosts are compared without it'
    : 'write a name, or *.example.com';
  reading.error(path, { code: 'config.wrong-value', message: 'not a host name', mend });
  return [];
}
