// weightedRoundRobin.
import { testBalancer } from '../balancer.contract.ts';
import { weightedRoundRobin } from './weighted-round-robin.ts';

testBalancer(weightedRoundRobin, {}, { tolerance: 0.001 });
