module github.com/redstart-db/redstart

go 1.26
