// roundRobin.
import { testBalancer } from '../balancer.contract.ts';
import { roundRobin } from './round-robin.ts';

testBalancer(roundRobin, {}, { tolerance: 0.001 });
