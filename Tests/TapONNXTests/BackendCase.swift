// One of the ONNX project's backend tests: a folder with a model and sets of inputs and outputs.

import FoundationEssentials
import TapONNX
import TapONNXOperators

struct BackendCase {
  let folder: String

  enum Outcome: Equatable {
    case passed
    /// The result is within the ONNX project's tolerance, but not within LayerTap's narrower one.
    case passedLoosely
    case unsupported(String)
    case failed(String)
  }

  var name: String { String(folder.split(separator: "/").last ?? "") }

  /// Runs the model on every set of inputs, and compares the results with the outputs of the set.
  func run() -> Outcome {
    do {
      let model = try ONNXModel(path: folder + "/model.onnx")
      for info in model.graph.inputs + model.graph.outputs {
        if case .unsupported(let type) = info.type { return .unsupported(type) }
      }
      let evaluator = ONNXEvaluator(model)
      let sets = try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.hasPrefix("test_data_set_") }.sorted()
      var outcome = Outcome.passed
      for set in sets {
        var inputs: [String: ONNXTensor] = [:]
        for (index, info) in model.graph.inputs.enumerated() {
          let path = "\(folder)/\(set)/input_\(index).pb"
          guard FileManager.default.fileExists(atPath: path) else { continue }
          inputs[info.name] = try ONNXTensorFile.read(path).value
        }
        let results = try evaluator.evaluate(inputs)
        for (index, info) in model.graph.outputs.enumerated() {
          let expected = try ONNXTensorFile.read("\(folder)/\(set)/output_\(index).pb").value
          guard let result = results[info.name] else { return .failed("no \(info.name)") }
          if difference(result, expected, relative: 1e-4, absolute: 1e-6) == nil { continue }
          let (relative, absolute) = try tolerance()
          if let difference = difference(result, expected, relative: relative, absolute: absolute) {
            return .failed("\(set), \(info.name): \(difference)")
          }
          outcome = .passedLoosely
        }
      }
      return sets.isEmpty ? .failed("no data") : outcome
    } catch let error as ONNXError {
      return outcome(of: error.reason, "\(error)")
    } catch let error as ONNXError.Reason {
      return outcome(of: error, "\(error)")
    } catch {
      return .failed("\(error)")
    }
  }

  /// The inputs of the first set.
  func inputs() throws -> [ONNXTensor] {
    let set = folder + "/test_data_set_0"
    let names = try FileManager.default.contentsOfDirectory(atPath: set).filter { $0.hasPrefix("input_") }
    return try names.indices.map { try ONNXTensorFile.read("\(set)/input_\($0).pb").value }
  }

  private func outcome(of reason: ONNXError.Reason, _ text: String) -> Outcome {
    switch reason {
    case .unsupportedOperator(let node, _):
      .unsupported(node.domain.isEmpty ? node.operatorName : "\(node.domain).\(node.operatorName)")
    case .unsupportedType(_, let type): .unsupported(type)
    case .unsupportedPart(let part): .unsupported(part)
    case .opset(let domain, let version, _): .unsupported("\(domain) \(version)")
    case .node(let node, .unsupported(let what)): .unsupported("\(node.operatorName): \(what)")
    default: .failed(text)
    }
  }

  private func tolerance() throws -> (Double, Double) {
    let text = String(
      decoding: try Data(contentsOf: URL(filePath: folder + "/tolerance.txt")), as: UTF8.self)
    let numbers = text.split { $0 == " " || $0 == "\n" }.compactMap { Double($0) }
    return (numbers[0], numbers[1])
  }

  /// The problem with a result, or nil if every element is within absolute + relative · |expected|.
  private func difference(
    _ result: ONNXTensor, _ expected: ONNXTensor, relative: Double, absolute: Double
  ) -> String? {
    guard result.type == expected.type else { return "type \(result.type), expected \(expected.type)" }
    guard result.shape == expected.shape else { return "shape \(result.shape), expected \(expected.shape)" }
    switch (result.storage, expected.storage) {
    case (.integers(let x), .integers(let y)):
      return x.indices.first { x[$0] != y[$0] }.map { "[\($0)] is \(x[$0]), expected \(y[$0])" }
    case (.floats(let x), .floats(let y)):
      // The reference rounds intermediate results at other places than LayerTap, so two units in the last place are
      // allowed.
      let relative =
        switch result.type {
        case .bfloat16: max(relative, 0x1p-6)
        case .float16: max(relative, 0x1p-9)
        default: relative
        }
      return x.indices.first { i in
        if x[i] == y[i] || x[i].isNaN && y[i].isNaN { return false }
        let bound = absolute + relative * Double(y[i].magnitude)
        return !(Double((x[i] - y[i]).magnitude) <= bound) || y[i].isInfinite
      }.map { "[\($0)] is \(x[$0]), expected \(y[$0])" }
    default: return "storage"
    }
  }
}
