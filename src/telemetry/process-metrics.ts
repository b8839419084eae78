// Figures of the whole process, read when somebody asks for the metrics. Runs in the main thread.
import { readdirSync } from 'node:fs';
import { METRIC_DEFINITIONS } from './metric-definitions.ts';
import type { MetricRegistry } from './metric-registry.ts';
import type { CounterSeries, GaugeSeries } from './metric-series.ts';

const MICROS_PER_SECOND = 1e6;
const UNKNOWN = -1;

/** Only Linux shows them as a folder. */
function countOpenFds(): number {
  if (process.platform !== 'linux') return UNKNOWN;
  return readdirSync('/proc/self/fd').length;
}

/** `refresh` belongs into `MetricAggregator.beforeExposition`. */
export class ProcessMetrics {
  private readonly cpu: CounterSeries;
  private readonly residentMemory: GaugeSeries;
  private readonly openFds: GaugeSeries;
  private countedCpuSeconds = 0;

  constructor(registry: MetricRegistry) {
    this.cpu = registry.counter(METRIC_DEFINITIONS.processCpu).series();
    this.residentMemory = registry.gauge(METRIC_DEFINITIONS.processResidentMemory).series();
    this.openFds = registry.gauge(METRIC_DEFINITIONS.processOpenFds).series();
    const startTime = registry.gauge(METRIC_DEFINITIONS.processStartTime).series();
    startTime.set(performance.timeOrigin / 1000);
  }

  refresh(): void {
    const { user, system } = process.cpuUsage();
    const seconds = (user + system) / MICROS_PER_SECOND;
    this.cpu.add(Math.max(0, seconds - this.countedCpuSeconds));
    this.countedCpuSeconds = seconds;
    this.residentMemory.set(process.memoryUsage.rss());
    this.openFds.set(countOpenFds());
  }
}
