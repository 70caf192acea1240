// Writes every architecture as an ONNX file, with an image and its features, for Scripts/onnx-check.

import TapArchitectures
import TapBackbone
import TapFileSystem
import TapFormats
import TapInterchange
import TestSupport
import Testing

@Suite(.serialized) struct ExportsForOtherEngines {
  private static let folder = Environment.value("LAYERTAP_EXPORTS")
  private static let names: [String] = {
    let wanted = (Environment.value("LAYERTAP_EXPORTED") ?? "").split(separator: ",").map(String.init)
    return wanted.isEmpty ? Architectures.names : wanted
  }()

  @Test(.enabled(if: folder != nil, "LAYERTAP_EXPORTS names no folder"), arguments: names)
  func theFileIsWritten(_ name: String) throws {
    let folder = try #require(Self.folder)
    let backbone = try Architectures.seeded(name, seed: 7)
    let middle = backbone.layers[backbone.layers.count / 2].name
    let columns = try backbone.columns(layers: [middle, "logits"], poolings: [.avg])
    let found = try ONNXExport(backbone, columns: columns).write(to: "\(folder)/\(name).onnx", version: "1.2.3")
    #expect(found.featureDifference <= 2e-5)
    let size = backbone.preprocessing.size
    let image = ReferenceParameters.image(size: size)
    let planes = (0..<3).flatMap { channel in (0..<size * size).map { image[3 * $0 + channel] } }
    try AtomicWriter.replace(
      "\(folder)/\(name).input.npy", with: NPY.encode(planes, shape: [1, 3, size, size]))
    for column in columns {
      let row = try backbone.row([column], image)
      try AtomicWriter.replace(
        "\(folder)/\(name).features_\(column.name).npy", with: NPY.encode(row, shape: [1, row.count]))
    }
  }
}
