// random.
import { testBalancer } from '../balancer.contract.ts';
import { random } from './random.ts';

testBalancer(random, {}, { tolerance: 0.012 });
