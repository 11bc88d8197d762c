"""Writes every fixture that stands beside a spec. Run: python tools/reference/make_all.py"""

import warnings

import data_files
import front_ends
import i3d
import layers
import losses
import optimizers
import published
import resnet
import schedules
import sequences
import small_networks
import transformer
import weight_files

warnings.simplefilter("ignore")

for module in (layers, transformer, losses, optimizers, schedules, small_networks, sequences, resnet, i3d, published, weight_files, front_ends, data_files):
    module.main()
