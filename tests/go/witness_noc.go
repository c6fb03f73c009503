// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

package main

func inC(float64) { panic("built without C") }
