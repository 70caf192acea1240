// The messages of onnx.proto as they are in the file. Only the wire format is checked here. Fields without a property
// here (documentation, training, devices) are skipped.

import TapFormats

struct ModelMessage {
  var irVersion: Int64?
  var opsets: [OperatorSetMessage] = []
  var producerName = ""
  var producerVersion = ""
  var graph: GraphMessage?
  var metadata: [EntryMessage] = []
  var functionCount = 0

  init(_ bytes: Span<UInt8>) throws(ProtobufError) {
    var fields = ProtobufFields(fileOf: bytes.count)
    while let field = try fields.next(in: bytes) {
      switch field.number {
      case 1: irVersion = try field.integer()
      case 2: producerName = try field.text(in: bytes)
      case 3: producerVersion = try field.text(in: bytes)
      case 7:
        guard graph == nil else { throw field.repeated }
        graph = try GraphMessage(field.message(), bytes)
      case 8: opsets.append(try OperatorSetMessage(field.message(), bytes))
      case 14: metadata.append(try EntryMessage(field.message(), bytes))
      case 25: functionCount += 1
      default: break
      }
    }
  }
}

struct OperatorSetMessage {
  var domain = ""
  var version: Int64 = 0

  init(_ fields: ProtobufFields, _ bytes: Span<UInt8>) throws(ProtobufError) {
    var fields = fields
    while let field = try fields.next(in: bytes) {
      switch field.number {
      case 1: domain = try field.text(in: bytes)
      case 2: version = try field.integer()
      default: break
      }
    }
  }
}

struct EntryMessage {
  var key = ""
  var value = ""

  init(_ fields: ProtobufFields, _ bytes: Span<UInt8>) throws(ProtobufError) {
    var fields = fields
    while let field = try fields.next(in: bytes) {
      switch field.number {
      case 1: key = try field.text(in: bytes)
      case 2: value = try field.text(in: bytes)
      default: break
      }
    }
  }
}

struct GraphMessage {
  var name = ""
  var nodes: [NodeMessage] = []
  var initializers: [TensorMessage] = []
  var sparseInitializerCount = 0
  var inputs: [ValueInfoMessage] = []
  var outputs: [ValueInfoMessage] = []
  var values: [ValueInfoMessage] = []

  init(_ fields: ProtobufFields, _ bytes: Span<UInt8>) throws(ProtobufError) {
    var fields = fields
    while let field = try fields.next(in: bytes) {
      switch field.number {
      case 1: nodes.append(try NodeMessage(field.message(), bytes))
      case 2: name = try field.text(in: bytes)
      case 5: initializers.append(try TensorMessage(field.message(), bytes))
      case 11: inputs.append(try ValueInfoMessage(field.message(), bytes))
      case 12: outputs.append(try ValueInfoMessage(field.message(), bytes))
      case 13: values.append(try ValueInfoMessage(field.message(), bytes))
      case 15: sparseInitializerCount += 1
      default: break
      }
    }
  }
}

struct NodeMessage {
  var inputs: [String] = []
  var outputs: [String] = []
  var name = ""
  var operatorName = ""
  var domain = ""
  var attributes: [AttributeMessage] = []

  init(_ fields: ProtobufFields, _ bytes: Span<UInt8>) throws(ProtobufError) {
    var fields = fields
    while let field = try fields.next(in: bytes) {
      switch field.number {
      case 1: inputs.append(try field.text(in: bytes))
      case 2: outputs.append(try field.text(in: bytes))
      case 3: name = try field.text(in: bytes)
      case 4: operatorName = try field.text(in: bytes)
      case 5: attributes.append(try AttributeMessage(field.message(), bytes))
      case 7: domain = try field.text(in: bytes)
      default: break
      }
    }
  }
}

struct AttributeMessage {
  var name = ""
  /// The AttributeProto.AttributeType of the attribute; 0 in files from before IR version 2.
  var type: Int64 = 0
  var float: Float?
  var integer: Int64?
  var text: Range<Int>?
  var tensor: TensorMessage?
  var floats: [Float] = []
  var integers: [Int64] = []
  var texts: [Range<Int>] = []
  /// The name of a function's attribute. Nodes outside functions do not use this field.
  var reference = ""

  init(_ fields: ProtobufFields, _ bytes: Span<UInt8>) throws(ProtobufError) {
    var fields = fields
    while let field = try fields.next(in: bytes) {
      switch field.number {
      case 1: name = try field.text(in: bytes)
      case 2: float = try field.float()
      case 3: integer = try field.integer()
      case 4: text = try field.range()
      case 5:
        guard tensor == nil else { throw field.repeated }
        tensor = try TensorMessage(field.message(), bytes)
      case 7: try field.append(to: &floats, in: bytes)
      case 8: try field.append(to: &integers, in: bytes)
      case 9: texts.append(try field.range())
      case 20: type = try field.integer()
      case 21: reference = try field.text(in: bytes)
      default: break
      }
    }
  }
}
