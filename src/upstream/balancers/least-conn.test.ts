// leastConn.
import { testBalancer } from '../balancer.contract.ts';
import { leastConn } from './least-conn.ts';

testBalancer(leastConn, {}, { tolerance: 0.012 });
