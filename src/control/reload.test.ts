// Reloads come one at a time, the newest wins, and a refused one leaves everything as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { type Applied, type LoadedModel, Reloader, type ReloadResult } from './reload.ts';

const ERROR: Finding = {
  severity: 'error',
  code: 'config.unknown-key',
  message: 'no',
  origin: { source: 'a.yaml', dialect: 'native', pointer: '' },
};

function model(name: string): GatewayModel {
  return { name } as unknown as GatewayModel;
}

/** A reloader over a file that tests write, whose data plane answers when they say so. */
function bench() {
  const state = {
    written: 'one',
    loads: 0,
    applied: [] as string[],
    reports: [] as ReloadResult[],
    pending: [] as ((applied: Applied) => void)[],
  };
  const reloader = new Reloader({
    load: (): LoadedModel => {
      state.loads++;
      const isBad = state.written.startsWith('bad');
      return { model: isBad ? undefined : model(state.written), hash: state.written, findings: isBad ? [ERROR] : [] };
    },
    apply: ({ hash }) =>
      new Promise((resolve) => {
        state.pending.push((applied) => {
          if (applied.ok) state.applied.push(hash);
          resolve(applied);
        });
      }),
    changes: (before, after) => [`${JSON.stringify(before)} > ${JSON.stringify(after)}`],
    report: (result) => state.reports.push(result),
  });
  return { state, reloader };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function loadOne({ state, reloader }: ReturnType<typeof bench>): Promise<void> {
  const first = reloader.reload();
  await turn();
  state.pending.shift()?.({ ok: true });
  await first;
}

test('what is asked during a reload becomes one more, with what is written by then', async () => {
  const both = bench();
  const { state, reloader } = both;
  const first = reloader.reload();
  await turn();
  state.written = 'two';
  const second = reloader.reload();
  state.written = 'three';
  const third = reloader.reload();
  assert.equal(second, third);
  assert.equal(state.loads, 1);
  state.pending.shift()?.({ ok: true });
  assert.equal((await first).outcome, 'applied');
  await turn();
  state.pending.shift()?.({ ok: true });
  assert.equal((await third).outcome, 'applied');
  assert.deepEqual(state.applied, ['one', 'three']);
  assert.equal(state.loads, 2);
  assert.deepEqual(state.reports[1].changes, ['{"name":"one"} > {"name":"three"}']);
});

test('an error leaves the running model and says why', async () => {
  const both = bench();
  const { state, reloader } = both;
  await loadOne(both);
  state.written = 'bad';
  const result = await reloader.reload();
  assert.equal(result.outcome, 'refused');
  assert.deepEqual(result.findings, [ERROR]);
  assert.deepEqual(reloader.state, { model: model('one'), hash: 'one', findings: [ERROR], isStale: true });
});

test('a data plane that refuses leaves the running model', async () => {
  const both = bench();
  const { state, reloader } = both;
  await loadOne(both);
  state.written = 'two';
  const second = reloader.reload();
  await turn();
  state.pending.shift()?.({ ok: false, findings: [ERROR] });
  assert.equal((await second).outcome, 'refused');
  assert.equal(reloader.state.hash, 'one');
  assert.ok(reloader.state.isStale);
});

test('nothing is applied when nothing changed, and going back ends the stale state', async () => {
  const both = bench();
  const { state, reloader } = both;
  await loadOne(both);
  state.written = 'bad';
  await reloader.reload();
  state.written = 'one';
  assert.equal((await reloader.reload()).outcome, 'unchanged');
  assert.deepEqual(reloader.state, { model: model('one'), hash: 'one', findings: [], isStale: false });
  assert.deepEqual(state.applied, ['one']);
});
