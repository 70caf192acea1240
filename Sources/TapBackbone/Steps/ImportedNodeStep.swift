// Computes an operator for which there is no kernel, one image at a time.

import TapKernels
import TapTensors

struct ImportedNodeStep: Step {
  let operation: ImportedNode
  let inputs: [ActivationPlace]
  let output: ActivationPlace

  var algorithm: String { "general" }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let count = operation.outputShape.elementCount
    for image in unsafe workspace.part.range(workspace.count, multipleOf: 1) {
      let operands = zip(inputs, operation.inputShapes).map { place, shape in
        unsafe Array(
          UnsafeBufferPointer(
            start: workspace.read(place) + image * shape.elementCount, count: shape.elementCount))
      }
      let y = unsafe workspace.write(output) + image * count
      if let result = operation.compute(operands), result.count == count {
        for index in 0..<count { unsafe y[index] = result[index] }
      } else {
        unsafe y.update(repeating: .nan, count: count)
      }
    }
  }
}
