import TapArchitectures
import TapComparison
import TapProvenance
import Testing

struct PreprocessingVariantTests {
  static let presents: [Preprocessing] =
    ["efficientnet_lite0", "resnet20_cifar10", "squeezenet1_1"].compactMap {
      try? Architectures.seeded($0, seed: 0).preprocessing
    } + [
      Preprocessing(resize: .pad, interpolation: .lanczos, scale: 2, channels: .bgr),
      Preprocessing(
        resize: .squash, cropFraction: 1, scale: 1, mean: [127.5, 127.5, 127.5],
        standardDeviation: [127.5, 127.5, 127.5],
        decoding: Decoding(mode: .fast, orientation: .ignore, alpha: .drop)),
    ]

  @Test(arguments: presents)
  func eachIsOneOtherThing(present: Preprocessing) {
    let variants = PreprocessingVariant.plausible(of: present)
    #expect(Set(variants.map(\.preprocessing)).count == variants.count)
    #expect(Set(variants.map(\.name)).count == variants.count)
    #expect(Set(variants.map(\.options)).count == variants.count)
    for variant in variants {
      let other = variant.preprocessing
      #expect(other != present && other.size == present.size)
      let changes = [
        other.interpolation != present.interpolation, other.resize != present.resize,
        other.cropFraction != present.cropFraction, other.channels != present.channels,
        other.scale != present.scale || other.mean != present.mean
          || other.standardDeviation != present.standardDeviation,
        other.decoding.mode != present.decoding.mode,
        other.decoding.orientation != present.decoding.orientation,
        other.decoding.alpha != present.decoding.alpha,
      ]
      #expect(changes.count(where: \.self) == 1, "\(variant.options)")
    }
  }

  @Test func theOnesThatMatterAreThere() {
    let lite0 = Preprocessing(
      interpolation: .bicubic, scale: 1, mean: [127, 127, 127], standardDeviation: [128, 128, 128])
    #expect(
      PreprocessingVariant.plausible(of: lite0).map(\.options) == [
        "--interpolation bilinear", "--resize squash", "--resize pad", "--crop-fraction 1", "--channels bgr",
        "--scale 255", "--scale 255 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225",
        "--scale 255 --mean 0.5,0.5,0.5 --std 0.5,0.5,0.5", "--scale 255 --mean 0,0,0 --std 1,1,1",
        "--scale 1 --mean 123.68,116.779,103.939 --std 1,1,1", "--orientation ignore", "--decode fast",
        "--alpha drop",
      ])
    // The present value is not offered as a change, in whatever notation: 127.5 of 255 is 0.5 of 1.
    let options = PreprocessingVariant.plausible(of: Self.presents[Self.presents.count - 1]).map(\.options)
    #expect(!options.contains { $0.contains("0.5,0.5,0.5") })
    #expect(options.contains("--orientation exif") && options.contains("--decode exact"))
    #expect(options.contains("--alpha white") && !options.contains { $0.contains("--crop-fraction") })
  }
}
