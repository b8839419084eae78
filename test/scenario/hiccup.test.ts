// least_conn_rt after one slow moment: a quick endpoint must not be passed over for long because of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runAsExpected } from './support/run.ts';

test('least_conn_rt: an endpoint that was slow for a tenth of a second has its share again within seconds', async (context) => {
  const { requests } = await runAsExpected(`
scenario: a hiccup
config:
  backends:
    up: {balancer: least_conn_rt, endpoints: ["http://a:80", "http://b:80", "http://c:80", "http://d:80"]}
  routes: [{name: all, match: {path: /*}, backend: up}]
duration: 30s
endpoints: {"*": {latency: {uniform: {from: 20ms, to: 40ms}}}}
load: {rate: 200/s, requests: {path: /x}}
events: [{at: 10s, for: 100ms, endpoint: "http://d:80", behave: {slower: 50}}]
expect: [{errors: 0}]
`);
  const shares = Array.from({ length: 30 }, (_, second) => {
    const sent = requests.filter(({ atMs }) => Math.floor(atMs / 1000) === second);
    return sent.filter(({ endpoint }) => endpoint === 'http://d:80').length / sent.length;
  });
  context.diagnostic(`share of it by second, in %: ${shares.map((share) => Math.round(share * 100)).join(' ')}`);
  assert.ok(shares[11] < 0.1, 'it was noticed');
  assert.ok(
    shares.slice(20).every((share) => share > 0.15),
    'and forgotten ten seconds later',
  );
});
