// p2c.
import { testBalancer } from '../balancer.contract.ts';
import { p2c } from './p2c.ts';

testBalancer(p2c, {}, { tolerance: 0.012 });
