import { readdirSync, readFileSync } from 'node:fs';
import { CONTRACT_VERSION, definePlugin, type Plugin, type RecipeData } from '@equimodal/core';
import { parse } from 'yaml';

const FOLDER = new URL('../../recipes/', import.meta.url);

/** The recipes that ship with the package, one YAML file each, as a plugin. */
export function builtInRecipes(): Plugin {
  const recipes = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => parse(readFileSync(new URL(name, FOLDER), 'utf8')) as RecipeData);
  return definePlugin({ name: '@equimodal/recipes', contractVersion: CONTRACT_VERSION, provides: [], recipes });
}
