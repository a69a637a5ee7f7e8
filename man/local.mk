# SPDX-License-Identifier: MIT
dist_man_MANS = man/unsplat.1
