// Counts what the concurrency limit of one backend did to requests: how long they waited, and who was shed. Series are made when
// first needed.
import { ADMISSION_CLASSES, type AdmissionClass } from '../base/admission-class.ts';
import type { CounterSeries, HistogramSeries } from '../telemetry/metric-series.ts';
import type { ShedReason } from '../upstream/admission-queue.ts';
import type { AdmissionObserver } from '../upstream/backend-admission.ts';

export interface AdmissionSeries {
  shed(className: AdmissionClass, reason: ShedReason): CounterSeries;
  wait(className: AdmissionClass): HistogramSeries;
}

export class AdmissionMetrics implements AdmissionObserver {
  private readonly series: AdmissionSeries;
  private readonly shedSeries = new Map<string, CounterSeries>();
  private readonly waits: (HistogramSeries | undefined)[] = new Array(ADMISSION_CLASSES.length).fill(undefined);

  constructor(series: AdmissionSeries) {
    this.series = series;
  }

  shed(classIndex: number, reason: ShedReason): void {
    const className = ADMISSION_CLASSES[classIndex];
    const key = `${className} ${reason}`;
    const series = this.shedSeries.get(key) ?? this.series.shed(className, reason);
    this.shedSeries.set(key, series);
    series.increment();
  }

  waited(classIndex: number, ms: number): void {
    this.waits[classIndex] ??= this.series.wait(ADMISSION_CLASSES[classIndex]);
    this.waits[classIndex]?.observe(ms / 1000);
  }
}
