// Recognizes files that users mistake for checkpoints. The first bytes of a file, or the names in an archive, show its
// kind, so that the error can name a remedy.

import TapFormats

/// A known kind of file that is not a checkpoint.
package enum UnsupportedFile: Equatable, Sendable {
  case lfsPointer, html, json, hdf5, pickle, numpy, gguf, tfLite, compressed, onnx
  /// Kinds of zip archives.
  case torchScript, exportedProgram, keras, npz

  /// Recognizes a file by its first bytes.
  init?(_ bytes: Span<UInt8>) {
    func begins(_ start: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + start.count && start.indices.allSatisfy { bytes[offset + $0] == start[$0] }
    }
    // A text may begin with UTF-8's byte order mark and white space.
    var start = begins([0xEF, 0xBB, 0xBF]) ? 3 : 0
    while start < min(bytes.count, 1024), [0x20, 0x09, 0x0A, 0x0D].contains(bytes[start]) { start += 1 }
    let head = bytes.values(UInt8.self, at: start, count: min(bytes.count - start, 40))
    let text = String(decoding: head, as: UTF8.self).lowercased()
    if text.hasPrefix("version https://git-lfs") {
      self = .lfsPointer
    } else if text.hasPrefix("<!doctype") || text.hasPrefix("<html") || text.hasPrefix("<?xml") {
      self = .html
    } else if text.hasPrefix("{") {
      self = .json
    } else if begins([0x89] + Array("HDF\r\n".utf8)) {
      self = .hdf5
    } else if begins([0x93] + Array("NUMPY".utf8)) {
      self = .numpy
    } else if begins(Array("GGUF".utf8)) {
      self = .gguf
    } else if begins(Array("TFL3".utf8), at: 4) {
      self = .tfLite
    } else if begins([0x1F, 0x8B]) || begins(Array("BZh".utf8)) || begins([0xFD] + Array("7zXZ".utf8))
      || begins([0x28, 0xB5, 0x2F, 0xFD]) || begins(Array("7z".utf8) + [0xBC, 0xAF])
    {
      self = .compressed
    } else if bytes.count > 2, bytes[0] == 0x80, 3...5 ~= bytes[1] {
      self = .pickle
    } else if bytes.count > 2, bytes[0] == 0x08, 1...20 ~= bytes[1], bytes[2] == 0x12 || bytes[2] == 0x3A {
      // An ONNX file begins with a version, followed by the producer's name or the graph.
      self = .onnx
    } else {
      return nil
    }
  }

  /// Recognizes an archive by the names of its entries.
  init?(_ archive: ZipArchive) {
    /// Whether an entry has a name that ends with `suffix`, directly in the archive or in a folder.
    func ends(_ suffix: String) -> Bool {
      archive.entries.contains { $0.name == suffix || $0.name.hasSuffix("/" + suffix) }
    }
    if ends("constants.pkl"), archive.entries.contains(where: { $0.name.contains("code/") }) {
      self = .torchScript
    } else if ends("archive_format") || ends("serialized_exported_program.json") || ends("models/model.json") {
      self = .exportedProgram
    } else if ends("model.weights.h5") {
      self = .keras
    } else if !archive.entries.isEmpty, archive.entries.allSatisfy({ $0.name.hasSuffix(".npy") }) {
      self = .npz
    } else {
      return nil
    }
  }
}

extension UnsupportedFile: CustomStringConvertible {
  private static let saving = "Save the weights in PyTorch with torch.save(model.state_dict(), path)"
  private static let exporting = "Export the network to ONNX and give that file"

  /// The kind of the file, and what the user can do.
  package var description: String {
    switch self {
    case .lfsPointer: "a pointer of Git LFS, not the file itself. Fetch the file: git lfs pull"
    case .html: "a web page, not weights: the address led to a page. Fetch the file itself"
    case .json: "JSON text, not weights. Give the file with the weights that it belongs to"
    case .hdf5: "an HDF5 file, as Keras writes them. \(Self.exporting) (tf2onnx)"
    case .keras: "a model of Keras. \(Self.exporting) (model.export(path, format=\"onnx\"))"
    case .tfLite: "a TensorFlow Lite model. \(Self.exporting) (tf2onnx)"
    case .gguf: "a GGUF file, which holds no convolutional network that is known here"
    case .pickle: "a Python pickle that torch.save did not write. \(Self.saving)"
    case .numpy, .npz:
      "arrays of NumPy, not a checkpoint. Save them as safetensors with the network's tensor names"
    case .compressed: "compressed. Unpack it first"
    case .onnx: "an ONNX file, by its first bytes. Give it a name that ends in .onnx"
    case .torchScript:
      "a TorchScript program, not a state dict. Load it with torch.jit.load and save its state_dict(), or export it to ONNX"
    case .exportedProgram:
      "a program of torch.export (.pt2), not a state dict. Load it with torch.export.load and save its state_dict, or export "
        + "the network to ONNX"
    }
  }
}
