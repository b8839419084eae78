// What a process and its children have cost so far, from Linux's /proc: the steadiest figures of a noisy machine.
import { readdirSync, readFileSync } from 'node:fs';

/** CPU microseconds of a process, all its threads and all its children (nginx's workers). Steps of 10 ms. */
export function cpuMicroseconds(pid: number): number {
  return family(pid).reduce((sum, each) => sum + ownCpuMicroseconds(each), 0);
}

function ownCpuMicroseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  // proc(5): fields 14 (utime) and 15 (stime), in ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

export function residentBytes(pid: number): number {
  return family(pid).reduce((sum, each) => sum + ownResidentBytes(each), 0);
}

function ownResidentBytes(pid: number): number {
  const found = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(found?.[1] ?? 0) * 1024;
}

function family(pid: number): readonly number[] {
  const found = [pid];
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').trim();
    for (const child of text === '' ? [] : text.split(' ')) found.push(...family(Number(child)));
  }
  return found;
}
