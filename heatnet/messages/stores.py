"""What is wrong with files of results, and why one could not be written."""

TEXTS = {
    "is not a heatnet store: no HDF5 file (or its first bytes are lost)": "不是 heatnet 结果文件：不是 HDF5 文件（或文件头已损坏）",
    "holds a run of many scenarios: heatnet.open_run reads it, heatnet report prints it":
        "其中是批量计算结果：可用 heatnet report 生成报告，或用 heatnet.open_run 读取",
    "is not a heatnet store, though an HDF5 file; heatnet writes one with --out results.h5":
        "是 HDF5 文件，但不是 heatnet 结果文件；用 --out results.h5 可写出结果文件",
    "has store format {format} of heatnet {version}; heatnet {own} reads formats up to {most}: use a newer heatnet":
        "为 heatnet {version} 的第 {format} 版结果格式；heatnet {own} 最高可读第 {most} 版：请使用较新的 heatnet",
    "is damaged or cut short ({reason})": "文件已损坏或不完整（{reason}）",
    "holds no regulation profile": "其中没有室温标准",
    "the disk is full; make room and run the same command again: what is done is kept and it goes on from there":
        "磁盘已满；请腾出空间后再次运行同一命令：已完成的部分已保存，将从该处继续",
    "a file may not grow this large here; lift the limit (ulimit -f) and run the same command again to go on":
        "此处文件大小受限；请放宽限制（ulimit -f）后再次运行同一命令",
    "may not be written here (read-only, or no permission); choose another --out": "此处不能写入（只读或没有权限）；请另选 --out",
    "could not be written: {reason}": "无法写入：{reason}",
    "no results to write": "没有可写入的结果",
    "results with water properties of one's own cannot be stored; use Water or ConstantWater":
        "自定义水物性的结果不能存储；请使用 Water 或 ConstantWater",
}
