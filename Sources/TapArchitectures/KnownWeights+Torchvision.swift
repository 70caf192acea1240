// The files that torchvision publishes for our architectures, with the resize and the crop that torchvision states for
// each file. The table was made from `torchvision.models.get_model_weights` of torchvision 0.29.2. Its columns are the
// file's name, the architecture, the pixels of the resize and of the crop, and the interpolation.

import TapProvenance

extension KnownWeights {
  /// If an architecture has several files, torchvision's default file comes first.
  static let torchvision = table.split(separator: "\n").map { line in
    let fields = line.split(separator: " ").map(String.init)
    return KnownWeights(
      architecture: fields[1],
      checkpoint: File(name: fields[0], byteCount: nil, sha256: hash(in: fields[0]) ?? ""), wheel: nil,
      preprocessing: .imageNet(
        resize: Int(fields[2]) ?? 0, crop: Int(fields[3]) ?? 0,
        Preprocessing.Interpolation(rawValue: fields[4]) ?? .bilinear),
      trainedOn: "ImageNet-1k", publisher: "PyTorch",
      address: "https://download.pytorch.org/models/\(fields[0])", license: "BSD-3-Clause", fetchCommand: nil)
  }

  /// The hexadecimal digits at the end of a file's name, before the extension, if they are eight or more. They are the
  /// first digits of the SHA-256 of the file's bytes. PyTorch's hub checks downloaded files by these digits.
  package static func hash(in name: String) -> String? {
    let stem = name.split(separator: ".").first ?? ""
    guard let digits = stem.split(separator: "-").last, stem.contains("-"), digits.count >= 8,
      digits.allSatisfy({ $0.isHexDigit && !$0.isUppercase })
    else { return nil }
    return String(digits)
  }

  /// The hexadecimal digits in the name of a user's file, if they are certainly a hash. If all digits are decimal, they
  /// may be a date or a count of steps (`ckpt-00000100.pth`). In this case the result is nil unless the name is a
  /// published name.
  package static func certainHash(in name: String) -> String? {
    guard let hash = hash(in: name) else { return nil }
    return hash.allSatisfy(\.isNumber) && named(name) == nil ? nil : hash
  }

  /// The known weights that have a file with this name.
  package static func named(_ name: String) -> KnownWeights? {
    all.first { $0.files.contains { $0.name == name } }
  }

  private static let table = """
    alexnet-owt-7be5be79.pth alexnet 256 224 bilinear
    convnext_base-6075fbad.pth convnext_base 232 224 bilinear
    convnext_small-0c510722.pth convnext_small 230 224 bilinear
    convnext_tiny-983f1562.pth convnext_tiny 236 224 bilinear
    densenet121-a639ec97.pth densenet121 256 224 bilinear
    densenet169-b2777c0a.pth densenet169 256 224 bilinear
    densenet201-c1103571.pth densenet201 256 224 bilinear
    efficientnet_b0_rwightman-7f5810bc.pth efficientnet_b0 256 224 bicubic
    efficientnet_b1-c27df63c.pth efficientnet_b1 255 240 bilinear
    efficientnet_b1_rwightman-bac287d4.pth efficientnet_b1 256 240 bicubic
    efficientnet_b2_rwightman-c35c1473.pth efficientnet_b2 288 288 bicubic
    efficientnet_b3_rwightman-b3899882.pth efficientnet_b3 320 300 bicubic
    efficientnet_b4_rwightman-23ab8bcd.pth efficientnet_b4 384 380 bicubic
    efficientnet_b5_lukemelas-1a07897c.pth efficientnet_b5 456 456 bicubic
    efficientnet_b6_lukemelas-24a108a5.pth efficientnet_b6 528 528 bicubic
    efficientnet_b7_lukemelas-c5b4e57e.pth efficientnet_b7 600 600 bicubic
    mobilenet_v2-7ebf99e0.pth mobilenet_v2 232 224 bilinear
    mobilenet_v2-b0353104.pth mobilenet_v2 256 224 bilinear
    mobilenet_v3_large-5c1a4163.pth mobilenet_v3_large 232 224 bilinear
    mobilenet_v3_large-8738ca79.pth mobilenet_v3_large 256 224 bilinear
    mobilenet_v3_small-047dcff4.pth mobilenet_v3_small 256 224 bilinear
    resnet101-cd907fc2.pth resnet101 232 224 bilinear
    resnet101-63fe2227.pth resnet101 256 224 bilinear
    resnet152-f82ba261.pth resnet152 232 224 bilinear
    resnet152-394f9c45.pth resnet152 256 224 bilinear
    resnet18-f37072fd.pth resnet18 256 224 bilinear
    resnet34-b627a593.pth resnet34 256 224 bilinear
    resnet50-11ad3fa6.pth resnet50 232 224 bilinear
    resnet50-0676ba61.pth resnet50 256 224 bilinear
    resnext101_32x8d-110c445d.pth resnext101_32x8d 232 224 bilinear
    resnext101_32x8d-8ba56ff5.pth resnext101_32x8d 256 224 bilinear
    resnext101_64x4d-173b62eb.pth resnext101_64x4d 232 224 bilinear
    resnext50_32x4d-1a0047aa.pth resnext50_32x4d 232 224 bilinear
    resnext50_32x4d-7cdf4587.pth resnext50_32x4d 256 224 bilinear
    squeezenet1_0-b66bff10.pth squeezenet1_0 256 224 bilinear
    squeezenet1_1-b8a52dc0.pth squeezenet1_1 256 224 bilinear
    vgg11-8a719046.pth vgg11 256 224 bilinear
    vgg11_bn-6002323d.pth vgg11_bn 256 224 bilinear
    vgg13-19584684.pth vgg13 256 224 bilinear
    vgg13_bn-abd245e5.pth vgg13_bn 256 224 bilinear
    vgg16-397923af.pth vgg16 256 224 bilinear
    vgg16_bn-6c64b313.pth vgg16_bn 256 224 bilinear
    vgg19-dcbb9e9d.pth vgg19 256 224 bilinear
    vgg19_bn-c79401a0.pth vgg19_bn 256 224 bilinear
    wide_resnet101_2-d733dc28.pth wide_resnet101_2 232 224 bilinear
    wide_resnet101_2-32ee1156.pth wide_resnet101_2 256 224 bilinear
    wide_resnet50_2-9ba9bcbe.pth wide_resnet50_2 232 224 bilinear
    wide_resnet50_2-95faca4d.pth wide_resnet50_2 256 224 bilinear
    """
}
