# SPDX-License-Identifier: MIT
dist_man_MANS = man/unsplat.1 man/unsplat-patterns.5
