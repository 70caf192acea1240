// The values of a restricted pickle. All containers are in one heap, and values refer to containers by index. A pickle
// can nest containers a million deep or make a container contain itself, and reading such a pickle needs no recursion.

import TapTensors

/// A value on the unpickler's stack.
enum PickleValue: Hashable {
  case none
  case bool(Bool)
  case integer(Int)
  /// An integer of more than eight bytes, least significant byte first. PyTorch's magic number is such an integer.
  case wideInteger([UInt8])
  case number(Double)
  case string(String)
  case global(PickleGlobal)
  /// The result of a call that was read but not made. Settings, counters and paths beside the weights are stored as
  /// such calls.
  case inert
  case storage(StorageReference)
  case tensor(StoredTensor)
  /// A container; the number is its index in the heap.
  case tuple(Int)
  case list(Int)
  case dictionary(Int)

  /// The kind of the value, for messages.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a boolean"
    case .integer, .wideInteger, .number: "a number"
    case .string: "a text"
    case .global: "a function or class"
    case .inert: "an object"
    case .storage: "a storage"
    case .tensor: "a tensor"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    }
  }
}

/// The Python objects that a state dict names. Only their names are read: no object is ever looked up or called.
enum PickleGlobal: Hashable {
  case orderedDictionary
  /// `torch._utils._rebuild_tensor(storage, offset, shape, strides)`, used in 2017 and before.
  case rebuildTensor
  /// `torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)`
  case rebuildTensorVersion2
  /// `torch._utils._rebuild_parameter(tensor, requires_grad, hooks)`
  case rebuildParameter
  case storage(ElementType)
  /// A class of plain data. Values of this class are skipped.
  case inert

  init?(module: String, name: String) {
    switch "\(module).\(name)" {
    case "collections.OrderedDict": self = .orderedDictionary
    case "torch._utils._rebuild_tensor": self = .rebuildTensor
    case "torch._utils._rebuild_tensor_v2": self = .rebuildTensorVersion2
    case "torch._utils._rebuild_parameter": self = .rebuildParameter
    case "torch.DoubleStorage": self = .storage(.float64)
    case "torch.FloatStorage": self = .storage(.float32)
    case "torch.HalfStorage": self = .storage(.float16)
    case "torch.BFloat16Storage": self = .storage(.bfloat16)
    case "torch.LongStorage": self = .storage(.int64)
    case "torch.IntStorage": self = .storage(.int32)
    case "torch.ShortStorage": self = .storage(.int16)
    case "torch.CharStorage": self = .storage(.int8)
    case "torch.ByteStorage": self = .storage(.uint8)
    case "torch.BoolStorage": self = .storage(.bool)
    case let other:
      guard Self.inertNames.contains(other) else { return nil }
      self = .inert
    }
  }

  /// The names of plain data that Python 2 and 3 write beside weights. No class or function in this list looks up,
  /// imports or opens anything.
  private static let inertNames: Set<String> = {
    let listed = [
      "argparse.Namespace", "types.SimpleNamespace", "collections.Counter", "collections.defaultdict",
      "collections.deque",
      "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "datetime.timezone",
      "torch.Size", "torch.device", "_codecs.encode", "numpy.dtype", "numpy.ndarray",
      "lightning.fabric.utilities.data.AttributeDict", "lightning_fabric.utilities.data.AttributeDict",
      "pytorch_lightning.utilities.parsing.AttributeDict",
    ]
    let families = [
      ("builtins", builtins), ("__builtin__", builtins + ["unicode", "long"]), ("pathlib", paths),
      ("pathlib._local", paths), ("numpy.core.multiarray", arrays), ("numpy._core.multiarray", arrays),
      ("torch", dataTypes),
    ]
    return Set(listed + families.flatMap { module, names in names.map { "\(module).\($0)" } })
  }()

  private static let builtins = [
    "set", "frozenset", "int", "float", "complex", "bool", "str", "bytes", "bytearray", "list", "dict",
    "tuple", "range",
    "slice",
  ]
  private static let paths = [
    "Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath",
  ]
  private static let arrays = ["scalar", "_reconstruct"]
  private static let dataTypes = [
    "float16", "bfloat16", "float32", "float64", "half", "float", "double", "int8", "int16", "int32", "int64",
    "uint8",
    "bool",
  ]
}

/// A block of numbers that is stored outside the pickle.
struct StorageReference: Hashable {
  let key: String
  let type: ElementType
  /// The number of elements in the storage.
  let count: Int
}

/// A tensor, which is a view of a storage.
struct StoredTensor: Hashable {
  let storage: StorageReference
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}

/// The result of a pickle: its root, and the containers that can be reached from the root.
struct PickleDocument {
  let root: PickleValue
  /// Every storage that the pickle refers to, once for each reference. A storage is listed even if no tensor uses it.
  let storages: [StorageReference]
  private let sequences: [[PickleValue]]
  private let dictionaries: [[(key: PickleValue, value: PickleValue)]]

  init(
    root: PickleValue, storages: [StorageReference], sequences: [[PickleValue]],
    dictionaries: [[(key: PickleValue, value: PickleValue)]]
  ) {
    self.root = root
    self.storages = storages
    self.sequences = sequences
    self.dictionaries = dictionaries
  }

  /// The elements of a list or tuple.
  func elements(of value: PickleValue) -> [PickleValue]? {
    switch value {
    case .list(let index), .tuple(let index): sequences[index]
    default: nil
    }
  }

  /// The pairs of a dictionary, in the order in which they were set.
  func pairs(of value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
    if case .dictionary(let index) = value { dictionaries[index] } else { nil }
  }

  /// The value that a dictionary has for a text key; nil if the dictionary lacks the key.
  func value(of key: String, in dictionary: PickleValue) -> PickleValue? {
    pairs(of: dictionary)?.last { $0.key == .string(key) }?.value
  }
}
