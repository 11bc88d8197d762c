import { describe } from 'vitest';
import { describeMissingPack, noServices } from '../sentiment/missing-pack.fixture.js';
import { urFunny, urFunnyOptions } from './ur-funny.js';

describe('ur-funny', () =>
  describeMissingPack((context) => urFunny.create(urFunnyOptions.parse({}), context, noServices), 'ur-funny/humor.pkl'));
