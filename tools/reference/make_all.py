"""Writes every fixture that stands beside a spec. Run: python tools/reference/make_all.py"""

import warnings

import alignments
import bilevel
import calibration
import data_files
import front_ends
import i3d
import layers
import linear_probe
import losses
import optimizers
import published
import resnet
import schedules
import sequences
import significance
import small_networks
import text_tokens
import transformer
import weight_files

warnings.simplefilter("ignore")

for module in (layers, transformer, losses, alignments, linear_probe, calibration, optimizers, schedules, significance, small_networks, sequences, resnet, i3d, published, text_tokens, weight_files, front_ends, data_files, bilevel):
    module.main()
