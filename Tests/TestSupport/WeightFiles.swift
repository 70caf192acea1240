// Weight files as other programs write them: PyTorch's pickles, safetensors of float16, ONNX. Every value is 0.5.

import TapFormats

package enum WeightFiles {
  package typealias Parameters = [(name: String, shape: [Int])]

  /// PyTorch's format since version 1.6: a zip archive of a pickle and a file for each storage.
  package static func zippedPickle(_ parameters: Parameters) -> [UInt8] {
    var entries = [("archive/data.pkl", dictionary(parameters, endOfStorage: "t"))]
    for (index, parameter) in parameters.enumerated() {
      entries.append(("archive/data/\(index)", floats(parameter)))
    }
    entries.append(("archive/version", Array("3\n".utf8)))
    return archive(entries)
  }

  /// PyTorch's format before version 1.6: pickles one after the other, then the storages.
  ///
  /// - Parameter wrapper: The key under which a training script's dictionary contains the dictionary of tensors.
  package static func legacyPickle(_ parameters: Parameters, wrapper: String? = nil) -> [UInt8] {
    // These bytes give the magic number, the protocol 1001 and the machine's byte order.
    var bytes: [UInt8] = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
    bytes += Array(".".utf8) + [0x80, 2] + Array("M".utf8) + littleEndian(1001, 2) + Array(".".utf8)
    bytes += [0x80, 2] + Array("}".utf8) + text("little_endian") + [0x88] + Array("s.".utf8)
    bytes += dictionary(parameters, wrapper: wrapper, endOfStorage: "Nt")
    bytes += [0x80, 2] + Array("](".utf8) + parameters.indices.flatMap { text("\($0)") } + Array("e.".utf8)
    for parameter in parameters { bytes += littleEndian(count(parameter), 8) + floats(parameter) }
    return bytes
  }

  /// Safetensors of float32.
  package static func safetensors(_ parameters: Parameters) -> [UInt8] {
    Safetensors.encode(
      parameters.map {
        Safetensors.Tensor(
          name: $0.name, shape: $0.shape, elements: [Float](repeating: 0.5, count: count($0)))
      })
  }

  /// Safetensors of float16.
  package static func halfSafetensors(_ parameters: Parameters) -> [UInt8] {
    var header: [String: JSONValue] = [:]
    var offset = 0
    for parameter in parameters {
      let end = offset + 2 * count(parameter)
      header[parameter.name] = .object([
        "dtype": .string("F16"), "shape": .array(parameter.shape.map(JSONValue.integer)),
        "data_offsets": .array([.integer(offset), .integer(end)]),
      ])
      offset = end
    }
    let json = Array(JSONValue.object(header).canonical.utf8)
    var bytes = littleEndian(json.count, 8) + json
    bytes.reserveCapacity(bytes.count + offset)
    for _ in 0..<offset / 2 {
      bytes.append(0x00)
      bytes.append(0x38)
    }
    return bytes
  }

  /// A network of 3 x 3 convolutions, one after the other, from an image of 32 x 32 pixels to ten scores. Each further
  /// convolution has as many input channels as output channels.
  ///
  /// - Parameter normalizes: Whether LRN, a node without a kernel, follows the first convolution.
  package static func onnx(layers: Int, channels: Int, normalizes: Bool = false) -> [UInt8] {
    var parameters: Parameters = []
    var model = MessageBytes()
    model.integer(1, 8)
    model.message(7) { graph in
      func node(_ name: String, _ inputs: [String], _ output: String) {
        graph.message(1) { node in
          for input in inputs { node.text(1, input) }
          node.text(2, output)
          node.text(4, name)
          if name == "LRN" {
            node.message(5) { size in
              size.text(1, "size")
              size.integer(3, 3)
              size.integer(20, 2)
            }
          }
          guard name == "Conv" else { return }
          node.message(5) { pads in
            pads.text(1, "pads")
            for _ in 0..<4 { pads.integer(8, 1) }
            pads.integer(20, 7)
          }
        }
      }
      func value(_ field: Int, _ name: String, _ shape: [Int]) {
        graph.message(field) { value in
          value.text(1, name)
          value.message(2) { type in
            type.message(1) { tensor in
              tensor.integer(1, 1)
              tensor.message(2) { dims in
                for extent in shape { dims.message(1) { $0.integer(1, Int64(extent)) } }
              }
            }
          }
        }
      }
      var last = "image"
      for layer in 0..<layers {
        parameters.append(("w\(layer)", [channels, layer == 0 ? 3 : channels, 3, 3]))
        node("Conv", [last, "w\(layer)"], "c\(layer)")
        node("Relu", ["c\(layer)"], "r\(layer)")
        last = "r\(layer)"
        if normalizes, layer == 0 {
          node("LRN", [last], "normalized")
          last = "normalized"
        }
      }
      parameters.append(("scores.weight", [channels, 10]))
      node("GlobalAveragePool", [last], "mean")
      node("Flatten", ["mean"], "vector")
      node("MatMul", ["vector", "scores.weight"], "scores")
      graph.text(2, "graph")
      for parameter in parameters {
        graph.message(5) { tensor in
          for extent in parameter.shape { tensor.integer(1, Int64(extent)) }
          tensor.integer(2, 1)
          tensor.text(8, parameter.name)
          tensor.data(9, floats(parameter))
        }
      }
      value(11, "image", [1, 3, 32, 32])
      value(12, "scores", [1, 10])
    }
    model.message(8) { $0.integer(2, 13) }
    return model.bytes
  }

  // MARK: - Parts

  private static func count(_ parameter: (name: String, shape: [Int])) -> Int {
    parameter.shape.reduce(1, *)
  }

  private static func floats(_ parameter: (name: String, shape: [Int])) -> [UInt8] {
    [Float](repeating: 0.5, count: count(parameter)).littleEndianBytes
  }

  private static func littleEndian(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A pickled string.
  private static func text(_ value: String) -> [UInt8] {
    Array("X".utf8) + littleEndian(value.utf8.count, 4) + Array(value.utf8)
  }

  /// A pickled number.
  private static func integer(_ value: Int) -> [UInt8] { Array("J".utf8) + littleEndian(value, 4) }

  /// The pickle of a dictionary of tensors, whose storages are numbered.
  private static func dictionary(
    _ parameters: Parameters, wrapper: String? = nil, endOfStorage: String
  ) -> [UInt8] {
    var bytes: [UInt8] = [0x80, 2]
    if let wrapper { bytes += Array("}".utf8) + text("epoch") + integer(3) + Array("s".utf8) + text(wrapper) }
    bytes += Array("}(".utf8)
    for (index, parameter) in parameters.enumerated() {
      var strides = [1]
      for extent in parameter.shape.dropFirst().reversed() { strides.insert(strides[0] * extent, at: 0) }
      bytes += text(parameter.name) + Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8)
      bytes += text("storage") + Array("ctorch\nFloatStorage\n".utf8) + text("\(index)") + text("cpu")
      bytes += integer(count(parameter)) + Array("\(endOfStorage)Q".utf8) + integer(0)
      bytes += Array("(".utf8) + parameter.shape.flatMap(integer) + Array("t(".utf8)
      bytes += strides.flatMap(integer) + Array("t".utf8) + [0x89]
      bytes += Array("ccollections\nOrderedDict\n)RtR".utf8)
    }
    return bytes + Array(wrapper == nil ? "u.".utf8 : "us.".utf8)
  }

  /// A zip archive of entries that are stored as they are.
  private static func archive(_ entries: [(name: String, content: [UInt8])]) -> [UInt8] {
    var (bytes, directory): ([UInt8], [UInt8]) = ([], [])
    for (name, content) in entries {
      // The fields are version, flags, method, time, date, checksum, sizes, the length of the name, and 0 for the
      // length of the extra field.
      let common =
        littleEndian(20, 2) + littleEndian(0, 8) + littleEndian(Int(CRC32.checksum(content)), 4)
        + littleEndian(content.count, 4) + littleEndian(content.count, 4) + littleEndian(name.utf8.count, 2)
        + littleEndian(0, 2)
      directory += littleEndian(0x0201_4b50, 4) + littleEndian(20, 2) + common
      directory += littleEndian(0, 10) + littleEndian(bytes.count, 4) + Array(name.utf8)
      bytes += littleEndian(0x0403_4b50, 4) + common + Array(name.utf8) + content
    }
    let end =
      littleEndian(0x0605_4b50, 4) + littleEndian(0, 4) + littleEndian(entries.count, 2)
      + littleEndian(entries.count, 2) + littleEndian(directory.count, 4) + littleEndian(bytes.count, 4)
      + littleEndian(0, 2)
    return bytes + directory + end
  }
}
