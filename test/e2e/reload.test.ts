// Reload over real sockets: a bad edit changes nothing, good edits drop no request and no stream.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { startTestGateway, type TestGateway, until } from './support/gateway.ts';
import { chatRequest, isWhole, streamConfig } from './support/streams.ts';

async function start(context: TestContext): Promise<{ gateway: TestGateway; url: string }> {
  const simulator = await startSimulator({ port: 0 });
  context.after(() => simulator.close());
  const gateway = await startTestGateway(context, {
    config: streamConfig(simulator.url, '-0'),
    args: ['--watch', '--workers', '2'],
  });
  return { gateway, url: simulator.url };
}

async function configurationState(gateway: TestGateway): Promise<{ generation: number; configuration: string }> {
  return (await gateway.admin('/gateway/health')).json() as Promise<{ generation: number; configuration: string }>;
}

test('a bad edit changes nothing and is reported at its line', async (context) => {
  const { gateway, url } = await start(context);
  gateway.writeConfig(`routes:\n  - {name: r, match: {pathh: /a}, backend: nope}\n`);
  await until('the edit is refused', async () => (await configurationState(gateway)).configuration === 'stale');
  assert.equal((await gateway.fetch('/plain/x')).status, 200);
  assert.match(gateway.stderr, /gateway\.yaml:2:\d+ error/);
  const { findings } = (await (await gateway.admin('/api/v1/findings')).json()) as {
    findings: readonly { origin: { line: number } }[];
  };
  assert.ok(findings.some((finding) => finding.origin.line === 2));
  const metrics = await (await gateway.admin('/metrics')).text();
  assert.match(metrics, /gateway_reloads_total\{result="refused"\} 1/);
  gateway.writeConfig(streamConfig(url, '-mended'));
  await until('the mended edit is taken', () => /configuration reloaded/.test(gateway.stderr));
  assert.equal((await configurationState(gateway)).configuration, 'current');
});

test('twenty edits under load and open streams lose nothing', async (context) => {
  const { gateway, url } = await start(context);
  let isOver = false;
  const statuses = new Map<number | string, number>();
  const load = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const status = await gateway.fetch('/plain/x').then(
        async (response) => {
          await response.text();
          return response.status;
        },
        (error: Error) => `failed: ${error.cause ?? error}`,
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  });
  const streams = Array.from({ length: 6 }, async () =>
    (await gateway.fetch('/v1/chat/completions', chatRequest(250))).text(),
  );
  let texts: readonly string[] = [];
  try {
    for (let edit = 1; edit <= 20; edit++) {
      gateway.writeConfig(streamConfig(url, `-${edit}`));
      await until(`edit ${edit} is in effect`, async () => (await configurationState(gateway)).generation > edit);
    }
    texts = await Promise.all(streams);
  } finally {
    isOver = true;
    await Promise.all(load);
  }
  assert.deepEqual([...statuses.keys()], [200], JSON.stringify([...statuses]));
  assert.deepEqual(
    texts.map((text) => isWhole(text)),
    streams.map(() => true),
  );
  await gateway.fetch('/plain/x');
  await until('the last routes are counted', async () =>
    (await (await gateway.admin('/metrics')).text()).includes('route="plain-20"'),
  );
});

test('a listener that a reload adds is open when the reload is done, one that it drops is closed', async (context) => {
  const { gateway, url } = await start(context);
  const withListeners = (...listeners: readonly object[]): object => ({
    ...streamConfig(url),
    listeners: [{ name: 'default', port: 0 }, ...listeners],
  });
  gateway.writeConfig(withListeners({ name: 'second', port: 0, address: '127.0.0.1' }));
  const second = await until('the second listener is open', async () => {
    const { listeners } = (await (await gateway.admin('/gateway/health')).json()) as {
      listeners: readonly { id: string; url: string }[];
    };
    return listeners.find((listener) => listener.id === 'second')?.url;
  });
  assert.equal((await fetch(`${second}/plain/x`)).status, 200);
  gateway.writeConfig(withListeners());
  await until('the second listener is closed', () =>
    fetch(`${second}/plain/x`, { headers: { connection: 'close' } }).then(
      () => false,
      () => true,
    ),
  );
  assert.equal((await gateway.fetch('/plain/x')).status, 200);
});
