// Targets of routes as gauges, and the error budget that the requests so far have left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayModel } from '../model/gateway-model.ts';
import { MetricAggregator } from '../telemetry/metric-aggregator.ts';
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import { createMetricMemory, MetricRegistry } from '../telemetry/metric-registry.ts';
import { SlaGauges } from './sla-gauges.ts';

class Setting {
  readonly aggregator = new MetricAggregator();
  private readonly registries = [0, 1, 2].map((id) => {
    const buffer = createMetricMemory(512);
    this.aggregator.attach(id, buffer);
    return new MetricRegistry({ buffer, onSeries: (announcement) => this.aggregator.announce(id, announcement) });
  });
  readonly gauges = new SlaGauges(this.registries[0], (take) =>
    this.aggregator.forEachSum(METRIC_DEFINITIONS.routeRequests, take),
  );

  count(thread: number, route: string, status: number, requests: number): void {
    this.registries[thread]
      .counter(METRIC_DEFINITIONS.routeRequests)
      .series(route, 'GET', `${status}`, 'b')
      .add(requests);
  }

  promise(routes: Readonly<Record<string, number | undefined>>): void {
    const rows = Object.entries(routes).map(([name, slaTarget]) => ({ name, slaTarget }));
    this.gauges.follow({ routes: rows } as unknown as GatewayModel);
  }

  shown(): Readonly<Record<string, string>> {
    this.gauges.refresh();
    const lines = this.aggregator.exposition().split('\n');
    const own = lines.filter((line) => /^gateway_route_(sla|error)/.test(line)).map((line) => line.split(' '));
    return Object.fromEntries(own.map(([name, value]) => [name, value]));
  }
}

test('the target is shown, and what failures of all threads leave of the budget', () => {
  const setting = new Setting();
  setting.promise({ gold: 0.99, free: undefined });
  setting.count(1, 'gold', 200, 700);
  setting.count(2, 'gold', 404, 296);
  setting.count(2, 'gold', 503, 4);
  setting.count(1, 'free', 500, 9);
  assert.deepEqual(setting.shown(), {
    'gateway_route_error_budget_ratio{route="gold"}': '0.6',
    'gateway_route_sla_target{route="gold"}': '0.99',
  });
});

test('before any request the whole budget is there; it may be overdrawn; what is promised no longer is NaN', () => {
  const setting = new Setting();
  setting.promise({ gold: 0.9 });
  assert.equal(setting.shown()['gateway_route_error_budget_ratio{route="gold"}'], '1');
  setting.count(1, 'gold', 502, 10);
  assert.equal(Math.round(Number(setting.shown()['gateway_route_error_budget_ratio{route="gold"}'])), -9);
  setting.promise({ gold: undefined });
  assert.equal(setting.shown()['gateway_route_sla_target{route="gold"}'], 'NaN');
  assert.equal(setting.shown()['gateway_route_error_budget_ratio{route="gold"}'], 'NaN');
});
