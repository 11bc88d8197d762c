"""Writes every fixture that stands beside a spec. Run: python tools/reference/make_all.py"""

import warnings

import i3d
import layers
import losses
import optimizers
import resnet
import schedules
import sequences
import small_networks

warnings.simplefilter("ignore")

for module in (layers, losses, optimizers, schedules, small_networks, sequences, resnet, i3d):
    module.main()
