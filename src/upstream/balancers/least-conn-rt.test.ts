// x
import { testBalancer } from '../balancer.contract.ts';
import { leastConnRt } from './least-conn-rt.ts';

testBalancer(leastConnRt, { response_time_weight: 0.7, connection_count_weight: 0.3 }, { tolerance: 0.012 });
