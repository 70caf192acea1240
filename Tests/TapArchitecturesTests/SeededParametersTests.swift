import TapArchitectures
import TapBackbone
import Testing

@Suite struct SeededParametersTests {
  /// The first weights of the stem for seed 1, computed with Python's integers by the published formula:
  /// `bound * (2 * (mix(seed + fnv1a("_conv_stem.weight") + i * 0x9E3779B97F4A7C15) >> 40) / 2^24 - 1)`,
  /// bound = sqrt(6 / 27).
  @Test func followsTheFormula() throws {
    let backbone = try Architectures.seeded("efficientnet_lite0", seed: 1)
    guard let stem = backbone.graph.node(producing: "stem.conv")?.operation as? Convolution else {
      Issue.record("no stem")
      return
    }
    let expected: [Float] = [
      0.14849278330802917, -0.14166972041130066, -0.0479726679623127, 0.23981241881847382,
    ]
    #expect(Array(stem.weights.elements.prefix(4)) == expected)
  }

  @Test func seedsDiffer() throws {
    let (one, again, two) = try (
      Architectures.seeded("efficientnet_lite0", seed: 1),
      Architectures.seeded("efficientnet_lite0", seed: 1),
      Architectures.seeded("efficientnet_lite0", seed: 2)
    )
    #expect(one.weightsHash == again.weightsHash)
    #expect(one.weightsHash != two.weightsHash)
    #expect(one.graphHash == two.graphHash)
  }
}
