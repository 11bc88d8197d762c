#!/usr/bin/env node
import '@equimodal/cli/bin';
