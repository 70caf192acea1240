// Concatenation of values along the channels.

import TapKernels
import TapTensors

/// Copies the channels of each part to their place in every pixel of the output.
struct ConcatenationStep: Step {
  let parts: [(place: ActivationPlace, channels: Int)]
  let output: ActivationPlace
  let to: ActivationExtents

  var algorithm: String { "concatenation" }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let y = unsafe workspace.write(output)
    let pixels = unsafe workspace.part.range(workspace.count * to.pixels, multipleOf: 1)
    var first = 0
    for part in parts {
      let x = unsafe workspace.read(part.place)
      for pixel in pixels {
        unsafe (y + pixel * to.channels + first).update(
          from: x + pixel * part.channels, count: part.channels)
      }
      first += part.channels
    }
  }
}
