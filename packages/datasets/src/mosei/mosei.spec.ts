import { describe } from 'vitest';
import { describeMissingPack, noServices } from '../sentiment/missing-pack.fixture.js';
import { mosei, moseiOptions } from './mosei.js';

describe('mosei', () =>
  describeMissingPack((context) => mosei.create(moseiOptions.parse({}), context, noServices), 'mosei/aligned_50.pkl'));
