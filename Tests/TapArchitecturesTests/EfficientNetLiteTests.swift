import TapArchitectures
import TapBackbone
import TapKernels
import TapProvenance
import TestSupport
import Testing

@Suite struct EfficientNetLiteTests {
  /// In PyTorch, the model of the Python package efficientnet_lite_pytorch has 4,652,008 trained values, and
  /// 385,187,552 multiply-adds in its convolutions and its classifier.
  @Test func hasThePublishedSize() throws {
    let backbone = try Architectures.seeded("efficientnet_lite0", seed: 1)
    #expect(backbone.layers.map(\.name).first == "stem")
    #expect(backbone.layers.map(\.parameters).reduce(0, +) == 4_652_008)
    #expect(backbone.layers.last?.multiplyAdds == 385_187_552)
    #expect(backbone.layers.first { $0.name == "blocks.4" }?.shape == [40, 28, 28])
    #expect(backbone.layers.first { $0.name == "head" }?.shape == [1280, 7, 7])
    #expect(try backbone.resolve("penultimate") == "avgpool")
  }

  /// The instruction set, the batch and the other taps change no bit. The inputs are small because the portable kernels
  /// are slow. The input of odd size covers every edge.
  @Test(arguments: [33, 64])
  func bitsDependOnTheImageAlone(size: Int) throws {
    let backbone = try Architectures.seeded("efficientnet_lite0", seed: 1)
    let columns = try backbone.columns(layers: ["all"], poolings: [.avg, .max, .gem])
    let images = (0..<3 * size * size * 3).map { Float(($0 &* 2_654_435_761) % 255) / 128 - 1 }
    let truth = try backbone.plan(columns: columns, size: size, batch: 1, instructionSet: .portable)
    let expected = truth.rows(images).map(\.bitPattern)
    for instructionSet in InstructionSet.available {
      for batch in [1, 3] {
        let plan = try backbone.plan(
          columns: columns, size: size, batch: batch, instructionSet: instructionSet)
        #expect(plan.rows(images).map(\.bitPattern) == expected, "\(instructionSet), batch \(batch)")
      }
    }
    let index = try #require(truth.columns.firstIndex(of: Column(tap: "blocks.4", pooling: .gem)))
    let alone = try backbone.plan(columns: [truth.columns[index]], size: size)
    let found = alone.rows(images).map(\.bitPattern)
    let offset = truth.dimensions[..<index].reduce(0, +)
    for image in 0..<3 {
      let start = image * truth.rowLength + offset
      #expect(Array(found[(image * 40)..<(image * 40 + 40)]) == Array(expected[start..<(start + 40)]))
    }
  }

  @Test("The arena holds the two largest neighbors that are stored: a tap is pooled while it is warm")
  func memoryOfTaps() throws {
    let network = try Architectures.seeded("efficientnet_lite0", seed: 0)
    let all = try network.plan(columns: network.columns(layers: ["all"], poolings: [.avg, .max]))
    let last = try network.plan(columns: network.columns(layers: ["logits"], poolings: [.avg]))
    // The arena holds the outputs of blocks.0 and blocks.1. The stem's output is never stored whole.
    #expect(last.arenaCount == 16 * 112 * 112 + 24 * 56 * 56)
    // If the stem is tapped, its output is stored whole, beside the output of blocks.0.
    #expect(all.arenaCount == (32 + 16) * 112 * 112)
    #expect(all.stepCount == last.stepCount + 1)
  }
}
